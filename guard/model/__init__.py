"""The nouns. Frozen values without behaviour that needs the outside; everything else imports them."""
