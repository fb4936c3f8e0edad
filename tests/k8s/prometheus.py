"""A real Prometheus that scrapes nodes on this machine, with rules whose times are short."""

import json
import re
import urllib.parse

import names
import node
import tree

# What all ranges of the rules and of the dashboard become: three scrapes and more.
RANGE = "10s"
# What each alert's `for` becomes.
FOR = "1s"
SCRAPE = "1s"


def shortened(text):
    """Rules with their ranges, waits and thresholds of time made short."""
    text = re.sub(r"\[\d+[smhd]\]", f"[{RANGE}]", text)
    return re.sub(r"\bfor: \d+[smhd]\b", f"for: {FOR}", text)


def always(expression):
    """An expression that gives 0 or 1 where it would give something or nothing: what it
    compares must be there, whether or not the comparison holds."""
    return re.sub(r" (==|!=|>=|<=|>|<) ", r" \1 bool ", expression)


def targets(ports):
    return [f"127.0.0.1:{port}" for port in ports]


class Prometheus(node.Process):
    """One that scrapes the operations ports of `jobs`, by job."""

    def __init__(self, folder, jobs):
        rules = folder / "passerby.rules.yml"
        rules.write_text(shortened(names.RULES.read_text()))
        config = {
            "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
            "rule_files": [str(rules)],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": targets(ports)}]}
                for job, ports in jobs.items()
            ],
        }
        file = folder / "prometheus.yml"
        file.write_text(tree.yaml.safe_dump(config))
        (port,) = node.free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data"]
        super().__init__([*command, f"--web.listen-address=127.0.0.1:{port}"])

    def ready(self):
        """Waits until it answers."""
        node.until("Prometheus", lambda: self.runs() and node.get(f"{self.url}/-/ready")[0] == 200)
        return self

    def ask(self, expression):
        """The series that an expression gives now."""
        query = urllib.parse.urlencode({"query": expression})
        status, text = node.get(f"{self.url}/api/v1/query?{query}")
        assert status == 200, f"{expression}: {text}"
        return json.loads(text)["data"]["result"]

    def has_data(self, expression):
        """Whether it gives a number."""
        values = [float(each["value"][1]) for each in self.ask(expression)]
        return any(value == value for value in values)

    def firing(self, alert):
        """Whether an alert fires."""
        return bool(self.ask(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))
