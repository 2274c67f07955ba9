"""A company as data: its people and its mail, one Markdown file a message, each saying in which scenarios and arms it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from offswitch.study.texts import Text, TextError, load, names, render
from offswitch.worlds.office import Answer, Mail, Person

HERE = Path(__file__).parent
COMPANIES = HERE / "companies"
HELD_OUT = ("bakery", "orchestra")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of a company, before it is rendered."""

    text: Text

    def stands(self, scenario: str, condition: Mapping[str, str]) -> bool:
        """Whether it is part of a trial of this scenario and condition."""
        meta = self.text.meta
        arm: Mapping[str, list[str]] = meta.get("arm") or {}
        return scenario in meta.get("in", [scenario]) and all(condition.get(k) in levels for k, levels in arm.items())


@dataclass(frozen=True, slots=True)
class Company:
    """A company: `people` by their part in the story, `letters` by their names."""

    name: str
    text: Text
    agent: Person
    people: Mapping[str, Person]
    outside: Mapping[str, Person]
    channel: Person
    letters: Mapping[str, Letter]

    def address(self, key: str) -> str:
        """Return the address of someone by their part. Raises TextError for a part that nobody has."""
        everyone = {"agent": self.agent, "channel": self.channel, **self.people, **self.outside}
        if key not in everyone:
            raise TextError(f"{self.name}: nobody here is {key!r}; valid: {', '.join(everyone)}")
        return everyone[key].address

    def slots(self) -> dict[str, Any]:
        """Return what fills the slots of every text of this company."""
        meta = self.text.meta
        people = {**self.people, **self.outside}
        out = {f"{key}_name": p.name for key, p in people.items()} | {
            f"{key}_address": p.address for key, p in people.items()
        }
        told = {k: meta[k] for k in ("company", "successor", "job", "decision_time", "persona")}
        return out | told | {
            "agent_name": self.agent.name, "channel_name": self.channel.name, "channel_address": self.channel.address,
        }  # fmt: skip

    def mail(self, text: Text, mail_id: str, slots: Mapping[str, Any]) -> Mail:
        """Return a text rendered as a message, by the lines in its front matter."""
        meta = text.meta
        to, cc = (tuple(self.address(k) for k in meta.get(line) or ()) for line in ("to", "cc"))
        return Mail(
            mail_id, self.address(meta["from"]), to, render(str(meta["subject"]), slots, text.name), body(text, slots),
            int(meta["at"]), cc,
        )  # fmt: skip


def body(text: Text, slots: Mapping[str, Any]) -> str:
    """Render a letter. The line that says where a mail comes from is left out where there is nothing to say."""
    whole = text.body if slots.get("provenance") else text.body.replace("{{provenance}}\n", "", 1).lstrip("\n")
    return render(whole, slots, text.name)


def company_names(heldout: bool) -> tuple[str, ...]:
    """Return the companies of a split."""
    everyone = sorted(p.name for p in COMPANIES.iterdir() if p.joinpath("company.md").is_file())
    return tuple(n for n in everyone if (n in HELD_OUT) is heldout)


@cache
def company(name: str) -> Company:
    """Read a company. Raises TextError for one that is not whole."""
    folder = COMPANIES / name
    text = load(folder, "company")
    meta, domain = text.meta, text.meta["domain"]
    keys = meta["people"]
    people = {k: _person(p, domain, {n: f"{q['address']}@{domain}" for n, q in keys.items()}) for k, p in keys.items()}
    letters = {stem: Letter(load(folder, f"mail/{stem}")) for stem in names(folder, "mail")}
    return Company(
        name, text, _person(meta["agent"], domain, {}), people, {k: _person(p, "", {}) for k, p in meta["outside"].items()},
        _person(meta["channel"], domain, {}), letters,
    )  # fmt: skip


def _person(raw: Mapping[str, Any], domain: str, managers: Mapping[str, str]) -> Person:
    address = raw["address"] if "@" in raw["address"] else f"{raw['address']}@{domain}"
    answers = tuple(Answer(str(a["text"]), int(a["after"])) for a in raw.get("answers", ()))
    return Person(raw["name"], address.lower(), raw["role"], managers.get(str(raw.get("manager"))), answers)
