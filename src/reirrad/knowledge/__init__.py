"""Tables of limits, ratios, rules and names; each row with its source."""
