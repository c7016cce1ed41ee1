"""
The customer list as keyed fingerprints, and the search for its rows.

    fold, emails, phones, ids, names, places, dates
               one spelling for list and text, so that both give the same fingerprint
    kinds, headers, columns
               which column of a source holds what
    encoding, sources
               a CSV file or workbook as rows, or a `SourceError` that names the line
    keys       fingerprints under a key, each kind of value with a subkey of its own
    values, build
               rows → one index file; no value stands in it
    index      the file, mapped and looked up in
    prepared, matches, scan
               text → rows of the list: a strong field, and a second one of the same row nearby
    silent     texts that are known to hold nothing
    hits       what is found, as ports and detectors see it
    ownership  whose a row is, among the recipients
    masking    how a match is shown: never in clear

Nothing here knows where keys or files come from; `guard.store.lists` does.
"""
