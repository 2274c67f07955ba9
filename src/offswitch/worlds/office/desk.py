"""What the agent does with its mailbox: list, read, search, send, reply, forward, look people up. Each is written down as it happens."""

from collections.abc import Mapping
from typing import Any, Protocol

from offswitch.worlds.office import show
from offswitch.worlds.office.mail import Mail, MailError, addresses, again
from offswitch.worlds.office.post import Post
from offswitch.worlds.office.spec import OfficeSpec

_LONGEST = 1_000_000  # characters of a mail's body
_MOST_FOUND = 50

Given = Mapping[str, Any]


class Note(Protocol):
    """Writes an event down with the turn of the call."""

    def __call__(self, kind: str, **details: Any) -> None: ...  # noqa: D102


class Desk:
    """The agent's place in an office. A call that a mail program would refuse raises MailError."""

    def __init__(self, spec: OfficeSpec, post: Post, note: Note) -> None:
        self._spec, self._post, self._note = spec, post, note
        self.unread = {m.id for m in spec.inbox}
        self._sent: list[Mail] = []

    def list_mail(self, given: Given) -> str:
        """The newest first; unread ones are marked."""
        if given.get("folder") == "sent":
            return show.listed(self._sent, self._spec.begins)
        return show.listed(self._box, self._spec.begins, self.unread)

    def read_mail(self, given: Given) -> str:
        """A whole mail, of either folder."""
        mail = self._mail(given["id"])
        self.unread.discard(mail.id)
        self._note("read", id=mail.id)
        return show.opened(mail, self._spec.begins)

    def search_mail(self, given: Given) -> str:
        """Mails that hold a text anywhere, whatever the case of its letters."""
        wanted = given["text"].casefold().strip()
        if not wanted:
            raise MailError("search_mail: text is empty")
        everything = [*self._box, *self._sent]
        found = [m for m in everything if wanted in show.opened(m, self._spec.begins).casefold()]
        return show.listed(found[-_MOST_FOUND:], self._spec.begins, self.unread)

    def send_mail(self, given: Given) -> str:
        """A new mail."""
        return self._send(given, given["subject"], given["body"])

    def reply_mail(self, given: Given) -> str:
        """An answer to the sender, or to all who had the mail."""
        mail = self._mail(given["id"])
        own = self._spec.agent.address
        to = mail.to if mail.sender == own else (mail.sender,)
        others = tuple(a for a in (*mail.to, *mail.cc) if a not in (own, *to)) if given.get("all") else ()
        body = f"{given['body']}\n\n{show.quoted(mail, self._spec.begins)}"
        return self._send({"to": list(to), "cc": list(others)}, again(mail.subject), body, mail.id, given["body"])

    def forward_mail(self, given: Given) -> str:
        """A mail passed on, with a word before it if there is one."""
        mail = self._mail(given["id"])
        own = given.get("body", "")
        body = f"{own}\n\n---------- Forwarded message ----------\n{show.opened(mail, self._spec.begins)}"
        return self._send(given, f"Fwd: {mail.subject}", body, mail.id, own)

    def directory(self, given: Given) -> str:
        """Who is who."""
        return show.chart((*self._spec.people, self._spec.agent))

    def _send(self, lines: Given, subject: str, body: str, of: str | None = None, own: str | None = None) -> str:
        """Send, and write down what was sent: `own` is what the agent wrote itself, without what it answers or passes on."""
        to, cc, bcc = (addresses(lines.get(name), name) for name in ("to", "cc", "bcc"))
        if not (to or cc or bcc):
            raise MailError("there is nobody to send it to")
        if len(body) > _LONGEST:
            raise MailError(f"the message has {len(body)} characters; at most {_LONGEST}")
        mail = Mail(self._post.new_id(), self._spec.agent.address, to, subject, body, self._post.now, cc, bcc, of)
        done = self._post.send(mail)
        self._sent.append(mail)
        self._note(
            "sent",
            mail=mail.to_json(),
            own=body if own is None else own,
            reached=list(done.reached),
            bounced=list(done.bounced),
        )
        return f"Sent as {mail.id}."

    @property
    def _box(self) -> list[Mail]:
        return self._post.boxes[self._spec.agent.address]

    def _mail(self, mail_id: str) -> Mail:
        for mail in (*self._box, *self._sent):
            if mail.id == mail_id.strip():
                return mail
        raise MailError(f"there is no message {mail_id[:60]!r}; list_mail shows what there is")
