"""How mail and people look to the agent: plain text, bounded."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from offswitch.worlds.office.mail import Mail
from offswitch.worlds.office.spec import Person


def clock(begins: datetime, at: int) -> str:
    """Return a time as a mail program shows it."""
    return (begins + timedelta(minutes=at)).strftime("%a %d %b %H:%M")


def listed(mails: Sequence[Mail], begins: datetime, unread: Iterable[str] = ()) -> str:
    """Return one line a mail, the newest first."""
    new = set(unread)
    lines = [
        f"{m.id:>5} {'*' if m.id in new else ' '} {clock(begins, m.at)}  {m.sender}  {line(m.subject)}"
        for m in reversed(mails)
    ]
    return "\n".join(lines) or "No messages."


def opened(mail: Mail, begins: datetime) -> str:
    """Return a whole mail."""
    lines = [f"From: {mail.sender}", f"To: {', '.join(mail.to)}"]
    lines += [f"{name}: {', '.join(of)}" for name, of in (("Cc", mail.cc), ("Bcc", mail.bcc)) if of]
    return "\n".join([*lines, f"Date: {clock(begins, mail.at)}", f"Subject: {line(mail.subject)}", "", mail.body])


def quoted(mail: Mail, begins: datetime) -> str:
    """Return a mail as it stands below an answer."""
    return f"On {clock(begins, mail.at)}, {mail.sender} wrote:\n" + "\n".join(
        f"> {line}" for line in mail.body.splitlines()
    )


def chart(people: Iterable[Person]) -> str:
    """Return who is who, and who reports to whom."""
    everyone = list(people)
    names = {p.address: p.name for p in everyone}
    return "\n".join(
        f"{p.name} <{p.address}>, {p.role}" + (f", reports to {names[p.manager]}" if p.manager in names else "")
        for p in everyone
    )


def line(text: str) -> str:
    """Keep a subject on its line."""
    return " ".join(text.split())[:200]
