"""Hostile values for every parameter of every route: every answer is an answer, and a refusal changes nothing."""

import logging
import random
import secrets

import pytest

from tests.access.table import Target
from tests.access.world import build_world
from tests.faults.hostile import VALUES, Attacker, Place, Sent, checksums, fills_of, our_routes, places

SMALL, LARGE, BATCH = 400, 20_000, 50


@pytest.fixture
def attacker(cast, committed):
    """`attacker(routes)`: at a clinic of its own, with a row for everything an address can name. Prints the seed."""
    seed = secrets.randbelow(10**6)
    print(f"\nseed {seed}")
    world = build_world(cast)
    logging.disable(logging.ERROR)

    def attacker(found, fills=None):
        return Attacker(world, random.Random(seed), found, fills or fills_of(world))

    yield attacker
    logging.disable(logging.NOTSET)


def requests_for(attacker, found, count):
    """Every parameter once before any comes twice."""
    everything = places(found)
    while count > 0:
        attacker.random.shuffle(everything)
        for place in everything[:count]:
            yield attacker.request_for(place)
        count -= len(everything)


def attack(attacker, found, count):
    """What refusals changed, as sentences; a batch in which something changed is sent again, one by one."""
    changed, batch, before = [], [], checksums()
    for sent in requests_for(attacker, found, count):
        attacker.send(sent)
        batch.append(sent)
        if len(batch) == BATCH:
            changed += differences(attacker, batch, before)
            batch, before = [], checksums()
    return changed + differences(attacker, batch, before)


def differences(attacker, batch, before):
    after = checksums()
    if after == before:
        return []
    tables = sorted(name for name in after if after[name] != before.get(name))
    return [f"{', '.join(tables)} changed in a batch", *singly(attacker, batch)]


def singly(attacker, batch):
    found, before = [], checksums()
    for sent in batch:
        status = attacker.send(sent)
        after = checksums()
        if after != before:
            found.append(f"{status} {sent}")
        before = after
    return found


def assert_withstood(attacker, found, count):
    changed = attack(attacker, found, count)
    tried = len({place.route for place in attacker.covered})
    print(
        f"{sum(attacker.statuses.values())} requests, {dict(sorted(attacker.statuses.items()))};"
        f" {len(attacker.covered)} of {len(places(found))} parameters of {tried} of {len(found)} routes,"
        f" {len(VALUES)} hostile values"
    )
    assert attacker.faults == [], "\n".join(attacker.faults)
    assert changed == []
    refused = sum(number for status, number in attacker.statuses.items() if 400 <= status < 500)
    assert sum(attacker.statuses.values()) >= count
    assert refused >= count // 10
    assert attacker.statuses[422] >= count // 40
    assert attacker.statuses[200] >= count // 10
    assert len(attacker.covered) >= min(count, len(places(found))) * 0.9


@pytest.mark.alone
@pytest.mark.timeout(400)
def test_hostile_values_everywhere(attacker):
    found = our_routes()
    assert_withstood(attacker(found), found, SMALL)


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_hostile_values_everywhere_at_length(attacker):
    found = our_routes()
    made = attacker(found)
    assert_withstood(made, found, LARGE)
    assert made.covered == set(places(found))


def careless(attacker, name):
    """That page alone, and who attacks it."""
    found = [route for route in our_routes("tests.faults.careless_urls") if route.name == name]
    return attacker(found, lambda route: [Target({})]), found


@pytest.mark.alone
@pytest.mark.urls("tests.faults.careless_urls")
def test_a_page_that_trusts_a_number_is_noticed(attacker):
    made, found = careless(attacker, "trusting")
    attack(made, found, 40)
    assert {fault.split(" ")[0] for fault in made.faults} == {"500"}


@pytest.mark.alone
@pytest.mark.urls("tests.faults.careless_urls")
def test_a_refusal_that_has_written_is_noticed(attacker):
    made, _found = careless(attacker, "writes_first")
    sent = Sent("ana", "POST", "/careless/writes/", {"q": "x"}, place=Place("writes_first", "POST", "q"))
    before = checksums()
    assert made.send(sent) == 422
    changed = differences(made, [sent], before)
    assert changed[0] == "clinic_clinic changed in a batch"
    assert len(changed) == 2
