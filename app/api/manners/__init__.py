"""How every request is met: who asks, how much of what, in which form, and how a refusal is worded."""
