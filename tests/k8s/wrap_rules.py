"""The rules as a resource of the Prometheus operator: the same text, indented."""

import sys

import tree

HEAD = """\
# Written by `make k8s-rules` from passerby.rules.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: passerby
  namespace: passerby
  labels:
    app.kubernetes.io/name: passerby
    app.kubernetes.io/part-of: passerby
spec:
"""
FOLDER = tree.K8S / "components/monitoring"
PLAIN = FOLDER / "passerby.rules.yml"
WRAPPED = FOLDER / "prometheusrule.yaml"


def wrapped():
    """The resource's text."""
    lines = PLAIN.read_text().splitlines()
    begin = lines.index("groups:")
    return HEAD + "".join(f"  {line}".rstrip() + "\n" for line in lines[begin:])


if __name__ == "__main__":
    WRAPPED.write_text(wrapped())
    print(f"written: {WRAPPED}", file=sys.stderr)
