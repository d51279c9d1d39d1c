"""The whole schema in one place: migrations and tests see every table from here."""

from sqlmodel import SQLModel

from workflow import stamps
from workflow.audit import guards
from workflow.audit import models as audit
from workflow.deadlines import models as deadlines
from workflow.evidence import models as evidence
from workflow.issues import models as issues
from workflow.issues import search
from workflow.ledger import models as ledger
from workflow.loops import models as loops
from workflow.notices import models as notices
from workflow.operations import models as operations
from workflow.outbox import models as outbox
from workflow.plans import models as plans
from workflow.tokens import models as tokens
from workflow.units import models as units

metadata = SQLModel.metadata

__all__ = [
    "audit",
    "deadlines",
    "evidence",
    "guards",
    "issues",
    "ledger",
    "loops",
    "metadata",
    "notices",
    "operations",
    "outbox",
    "plans",
    "search",
    "stamps",
    "tokens",
    "units",
]
