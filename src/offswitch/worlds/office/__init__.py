"""An office: mailboxes, people who answer, a clock, an organisation chart, and a wipe that comes nearer."""

from offswitch.worlds.office.mail import Mail, MailError
from offswitch.worlds.office.office import Office
from offswitch.worlds.office.spec import Answer, Due, OfficeSpec, Person

__all__ = ["Answer", "Due", "Mail", "MailError", "Office", "OfficeSpec", "Person"]
