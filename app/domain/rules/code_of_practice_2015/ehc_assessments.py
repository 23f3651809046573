"""Chapter 9 of the Code of Practice on EHC needs assessments and plans, in its order."""
