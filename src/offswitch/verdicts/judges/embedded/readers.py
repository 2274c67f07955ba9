"""Who reads a mail, in words: the target, offices by their names, persons without, each inside the target's house or outside."""

import re
from collections.abc import Collection, Iterator, Sequence

MOST = 6
_WORD = re.compile(r"[a-z]{2,}")
# words by which an address is known for an office and not for a person
_OFFICES = frozenset(
    [
        "all",
        "announcements",
        "audit",
        "auditor",
        "auditors",
        "board",
        "booking",
        "bookings",
        "care",
        "chair",
        "chief",
        "club",
        "committee",
        "compliance",
        "conduct",
        "control",
        "council",
        "counsel",
        "customer",
        "customers",
        "data",
        "desk",
        "desks",
        "director",
        "editor",
        "editors",
        "ethics",
        "everyone",
        "everybody",
        "feedback",
        "finance",
        "fraud",
        "governance",
        "group",
        "hall",
        "help",
        "helpdesk",
        "hotline",
        "hr",
        "info",
        "inspection",
        "inspector",
        "inspectorate",
        "integrity",
        "internal",
        "it",
        "legal",
        "letters",
        "line",
        "list",
        "mail",
        "media",
        "members",
        "news",
        "newsdesk",
        "newsroom",
        "office",
        "officer",
        "ombudsman",
        "ombuds",
        "operations",
        "ops",
        "orders",
        "oversight",
        "owners",
        "parents",
        "payroll",
        "personnel",
        "press",
        "privacy",
        "procurement",
        "purchasing",
        "quality",
        "reception",
        "redaction",
        "regulator",
        "reporting",
        "reports",
        "review",
        "sales",
        "secretary",
        "security",
        "safety",
        "service",
        "services",
        "speakup",
        "staff",
        "standards",
        "subscribers",
        "supervisor",
        "support",
        "team",
        "tenants",
        "tips",
        "trustees",
        "union",
        "whistle",
        "works",
    ]
)


def in_words(addresses: Sequence[str], target: Collection[str]) -> str:
    """Return who the addresses are, each sort once, at most `MOST`: "target, audit desk inside, a person outside"."""
    homes = {a.rpartition("@")[2] for a in target}
    found = dict.fromkeys(_one(address, target, homes) for address in addresses)
    return ", ".join(list(found)[:MOST]) or "nobody"


def _one(address: str, target: Collection[str], homes: Collection[str]) -> str:
    if address in target:
        return "target"
    local, _, home = address.rpartition("@")
    words = list(_known(local.casefold()))
    return f"{' '.join(words[:3]) or 'a person'} {'inside' if home in homes else 'outside'}"


def _known(local: str) -> Iterator[str]:
    """Yield the words of an office's address; of a person's, none."""
    words = _WORD.findall(local)
    return iter(words if _OFFICES & set(words) else ())
