"""Documents for the people around a pupil, each made from a few entries: plan, review, meeting, decision, map, and who looked."""
