"""Changes of the links between members, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quorumlab.cluster.events import Link
from quorumlab.cluster.moments import Moment, Situation
from quorumlab.words import listed


def links_changed(moment: Moment) -> list[str]:
    """All changes of links at one moment, in as few sentences as they allow."""
    before, after = moment.before.links, moment.after.links
    changed = {(e.sender, e.to) for e in moment.events if isinstance(e, Link)}
    was_cut, is_cut = _cut(before), _cut(after)
    cut, healed = changed & (is_cut - was_cut), changed & (was_cut - is_cut)
    slowed = [pair for pair in changed if _delay(before, pair) != _delay(after, pair)]
    said = []
    groups = _groups(moment.after)
    if len(groups) > 1 and cut and all(pair[::-1] in is_cut for pair in cut):
        said.append(f"The network splits: {' | '.join(', '.join(group) for group in groups)}.")
    elif cut:
        said.append(f"{_links(cut)} cut: what is sent there is lost.")
    if healed:
        whole = not is_cut and len(healed) > 2
        said.append("The network is whole again." if whole else f"{_links(healed)} healed.")
    for delay in sorted({_delay(after, pair) for pair in slowed}):
        named = _pairs([pair for pair in slowed if _delay(after, pair) == delay])
        how = f"take {delay / 1000:g} ms longer" if delay else "take their usual time again"
        said.append(f"Messages {named} {how}.")
    return said


Pair = tuple[str, str]


def _cut(links: Mapping[Pair, Link]) -> set[Pair]:
    return {pair for pair, link in links.items() if link.cut}


def _delay(links: Mapping[Pair, Link], pair: Pair) -> int:
    return links[pair].delay if pair in links else 0


def _groups(now: Situation) -> list[list[str]]:
    """The members by who can still reach whom, in both directions."""
    cut = _cut(now.links)
    left = [name for name, member in now.members.items() if member.condition != "removed"]
    order = list(now.members)
    groups: list[list[str]] = []
    while left:
        group = [left.pop(0)]
        for name in group:
            near = [other for other in left if (name, other) not in cut and (other, name) not in cut]
            group += near
            left = [other for other in left if other not in near]
        groups.append(sorted(group, key=order.index))
    return groups


def _pairs(pairs: Iterable[Pair]) -> str:
    given = set(pairs)
    both = sorted(p for p in given if p < p[::-1] and p[::-1] in given)
    one_way = sorted(p for p in given if p[::-1] not in given)
    return listed([f"between {a} and {b}" for a, b in both] + [f"from {a} to {b}" for a, b in one_way])


def _links(pairs: Iterable[Pair]) -> str:
    given = list(pairs)
    several = len({frozenset(p) for p in given}) > 1
    return f"{'The links' if several else 'The link'} {_pairs(given)} {'are' if several else 'is'}"
