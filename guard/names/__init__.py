"""
How alike two people are: names, local parts and domains, folded and compared.

    fold       one spelling for what readers take as one, and names read by it:
               spelling, titles, word, person (japanese, latin), locals
    readings   what names are read as, and how common they are: dictionary, and tables of our own
    compare    two names: same, confusable or unrelated: pairing, comparing, abroad, texts
    domains    two domains: homoglyph, slip of a key, other ending
    likeness   two addresses with their names: the kind of slip that would turn one into the other
"""
