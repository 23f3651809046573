"""Which duties a record gives rise to, one file per noun; app.domain.obligations gathers them."""
