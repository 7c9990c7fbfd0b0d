"""What an object must be before it is stored: decoding, defaults, validation and admission. Stores nothing itself."""
