"""A day of people, in virtual time: the autoscaler follows them, and does not flap."""

import math
import random

import autoscaler
import tree

DAY_SECONDS = 24 * 3600
# At the quietest and at the busiest hour.
FEWEST, MOST = 8_000, 110_000
# Of one node, connections that make it busy to the autoscaler's aim of CPU. People who
# press Next twice a minute take a quarter of a core for 20,000; it asks for half a core.
PEOPLE_AT_FULL_REQUEST = 40_000


def people(second, chance):
    """A wave a day, waves of minutes, and noise."""
    wave = (1 - math.cos(2 * math.pi * second / DAY_SECONDS)) / 2
    steady = FEWEST + (MOST - FEWEST) * wave
    minutes = 1 + 0.08 * math.sin(2 * math.pi * second / 420)
    return steady * minutes * chance.uniform(0.97, 1.03)


def day(crowd):
    """The autoscaler after a day of `crowd`, and the fullest a node was."""
    spec = tree.one("cluster", "HorizontalPodAutoscaler", "passerby")["spec"]
    aims = {each["type"]: each for each in spec["metrics"]}
    connections = int(aims["Pods"]["pods"]["target"]["averageValue"])
    cpu = aims["Resource"]["resource"]["target"]["averageUtilization"] / 100
    scaler, fullest = autoscaler.Autoscaler(spec), 0
    for now in range(0, DAY_SECONDS, autoscaler.LOOK_SECONDS):
        each = crowd(now) / scaler.replicas
        fullest = max(fullest, each)
        scaler.look(now, [each / connections, each / PEOPLE_AT_FULL_REQUEST / cpu])
    return scaler, fullest


def turns(scaler):
    """How often it changed its mind: went up after down, or down after up."""
    signs = [by > 0 for _, by in scaler.changes]
    return sum(one != other for one, other in zip(signs, signs[1:], strict=False))


def test_a_day_of_people_is_followed_without_flapping():
    chance = random.Random(7)
    scaler, fullest = day(lambda second: people(second, chance))
    assert max_replicas(scaler) >= MOST / 10_000, "it did not follow"
    assert turns(scaler) == 1, scaler.changes
    node = tree.one("cluster", "Deployment", "passerby")
    flags = tree.settings("cluster", node, tree.containers(node)[0])
    assert fullest < int(flags["PASSERBY_MAX_CONNECTIONS"]) * 0.7


def test_a_crowd_that_comes_at_once_is_taken():
    scaler, _ = day(lambda second: FEWEST if second < 600 else MOST)
    need = MOST / 10_000 / (1 + autoscaler.TOLERANCE)
    after = [when for when, _ in scaler.changes if replicas_at(scaler, when) >= need]
    assert after and after[0] - 600 <= 300, scaler.changes


def test_ten_minutes_of_quiet_send_nobody_away():
    scaler, _ = day(lambda second: MOST if second % 3600 > 600 else FEWEST)
    assert all(by > 0 for _, by in scaler.changes), scaler.changes


def replicas_at(scaler, when):
    return scaler.spec["minReplicas"] + sum(by for at, by in scaler.changes if at <= when)


def max_replicas(scaler):
    return max(replicas_at(scaler, when) for when, _ in scaler.changes)
