"""The rules are well-formed, do what they say, and have a part of the runbook each."""

import re
import subprocess
from pathlib import Path

import names
import tree
import wrap_rules

UNIT_TESTS = sorted(Path(__file__).parent.glob("rules_test*.yml"))
SEVERITIES = {"page", "ticket"}


def promtool(*arguments):
    made = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


def alerts():
    groups = tree.yaml.safe_load(names.RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def anchors():
    """The headings of the runbook, as a page of it links to them."""
    lines = (tree.DOCS / "runbook.md").read_text().splitlines()
    heads = [line.lstrip("#").strip().lower() for line in lines if line.startswith("#")]
    return [re.sub(r"[^\w -]", "", head).replace(" ", "-") for head in heads]


def test_promtool_takes_the_rules():
    promtool("check", "rules", names.RULES)


def test_rules_do_what_they_say(tmp_path):
    for file in UNIT_TESTS:
        copy = tmp_path / file.name
        copy.write_text(file.read_text().replace("[RULES]", f"[{names.RULES}]"))
        promtool("test", "rules", copy)


def test_each_alert_is_seen_to_fire_in_a_unit_test():
    files = [tree.yaml.safe_load(file.read_text()) for file in UNIT_TESTS]
    fired = {
        case["alertname"]
        for file in files
        for test in file["tests"]
        for case in test.get("alert_rule_test", [])
        if case["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in alerts()}


def test_each_alert_has_its_part_of_the_runbook():
    there = anchors()
    assert len(there) == len(set(there)), "two headings have one anchor"
    for rule in alerts():
        anchor = rule["alert"].lower()
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{anchor}"
        assert anchor in there, rule["alert"]
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
        assert rule["labels"]["severity"] in SEVERITIES
    stale = {each for each in there if each.startswith("passerby")}
    assert stale <= {rule["alert"].lower() for rule in alerts()}


def test_the_operators_resource_holds_the_same_rules():
    assert wrap_rules.WRAPPED.read_text() == wrap_rules.wrapped(), "run make k8s-rules"
    (resource,) = tree.resources(tree.EVERYTHING, "PrometheusRule")
    assert resource["spec"] == tree.yaml.safe_load(names.RULES.read_text())
