"""Chapter 6 of the Code of Practice on the SEN information report, the SENCO and funding, in its order."""
