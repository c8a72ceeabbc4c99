from .catalog import Package
from .coverages import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CoverageKind,
    MoreVisits,
    MoreVisitsStatus,
)
from .entries import EntryKind
from .purchases import CreditEntry, Extension, Policy, PolicyUse, Purchase, PurchasedVisits, Refund, Waiver

__all__ = [
    "Authorization",
    "AuthorizationEntry",
    "Coverage",
    "CoverageKind",
    "CreditEntry",
    "EntryKind",
    "Extension",
    "MoreVisits",
    "MoreVisitsStatus",
    "Package",
    "Policy",
    "PolicyUse",
    "Purchase",
    "PurchasedVisits",
    "Refund",
    "Waiver",
]
