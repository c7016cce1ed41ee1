"""The nouns: frozen values that need nothing from outside. Everything else imports them."""
