"""What the law asks of a school for a pupil with special educational needs, and what may be decided under it; none of it acts."""
