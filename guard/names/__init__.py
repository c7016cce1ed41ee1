"""
How alike two people are: names, local parts and domains, folded and compared.

    fold      one spelling for what readers take as one: width, kana, kanji variants, romaji
    compare   two names: same, confusable or unrelated
    domains   two domains: homoglyph, slip of a key, other ending
    likeness  two addresses with their names: the kind of slip that would turn one into the other
"""
