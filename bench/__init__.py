"""How fast canifork is, always as a ratio to a floor or to what people would use instead, measured in pairs."""
