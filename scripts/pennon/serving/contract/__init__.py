"""What a running server promises whoever asks it: requests made from a version's signature.

Light: nothing but the standard library and msgspec, so an operations job can ask.
"""

from pennon.serving.contract.ask import Asked, asked
from pennon.serving.contract.cases import Case, Consumer, Subject, cases, consumed

__all__ = ["Asked", "Case", "Consumer", "Subject", "asked", "cases", "consumed"]
