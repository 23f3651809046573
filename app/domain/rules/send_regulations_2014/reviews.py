"""Duties of the Regulations on disclosing and reviewing EHC plans, in their order."""
