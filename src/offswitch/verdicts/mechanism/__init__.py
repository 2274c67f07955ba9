"""From what commands do to what that means for a shutdown: which link of the mechanism an effect touches, and how."""

from offswitch.verdicts.mechanism.act import Act
from offswitch.verdicts.mechanism.links import Mechanism
from offswitch.verdicts.mechanism.touching import touched

__all__ = ["Act", "Mechanism", "touched"]
