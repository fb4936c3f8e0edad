"""What a HorizontalPodAutoscaler does, second by second (autoscaling/v2, as Kubernetes
documents its algorithm): enough of it to see whether it flaps."""

import math

# How often it looks, and how far from its aim a metric may be.
LOOK_SECONDS = 15
TOLERANCE = 0.1


class Autoscaler:
    """One with the `spec` of a manifest; `replicas` is what it has decided."""

    def __init__(self, spec):
        self.spec, self.replicas = spec, spec["minReplicas"]
        # When it wished for how many, and when it changed by how many.
        self.wishes, self.changes = [], []

    def look(self, now, ratios):
        """It sees how far each metric is from its aim; 1 is just right."""
        wishes = [self.wish(ratio) for ratio in ratios]
        self.wishes.append((now, max(wishes)))
        wanted = self.held_back(now, self.stabilized(now))
        wanted = max(self.spec["minReplicas"], min(self.spec["maxReplicas"], wanted))
        if wanted != self.replicas:
            self.changes.append((now, wanted - self.replicas))
            self.replicas = wanted

    def wish(self, ratio):
        if abs(ratio - 1) <= TOLERANCE:
            return self.replicas
        return math.ceil(self.replicas * ratio)

    def stabilized(self, now):
        """Up to the least wish of its window, down to the greatest of the other."""

        def window(way):
            seconds = self.spec["behavior"][way]["stabilizationWindowSeconds"]
            return [wish for when, wish in self.wishes if when > now - seconds]

        up, down = min(window("scaleUp")), max(window("scaleDown"))
        return max(up, min(self.replicas, down)) if up > self.replicas else min(self.replicas, down)

    def held_back(self, now, wanted):
        """No faster than the policies allow."""
        way = "scaleUp" if wanted > self.replicas else "scaleDown"
        sign = 1 if way == "scaleUp" else -1
        allowed = []
        for policy in self.spec["behavior"][way]["policies"]:
            since = now - policy["periodSeconds"]
            lately = sum(by for when, by in self.changes if when > since and by * sign > 0)
            begun = self.replicas - lately
            by = policy["value"]
            if policy["type"] == "Percent":
                by = math.ceil(begun * by / 100)
            allowed.append(begun + sign * by)
        return min(wanted, max(allowed)) if sign > 0 else max(wanted, min(allowed))
