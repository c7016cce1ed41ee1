"""
Mail that was judged before, kept without its text, and judged again by another policy.

    pseudonyms  names as keyed hashes, of which a policy can ask for what it names
    asked       what a policy names, and which of its patterns hashes cannot answer
    features    one judged mail → what a policy needs to judge it again
    replay      that → `Inspection` and findings, for `decide`
    trial       two policies over the same mails: what each would do
    fatigue     how questions were answered
"""
