"""
The customer list as keyed fingerprints, and the search for its rows.

    fold       one spelling for list and text
    letters, chunk
               a text as arrays: folded letters, runs of digits, words
    hashing    a secret hash of any stretch of a text, from running sums
    emails, phones, codes, places, dates, names
               what may be a value: the same code reads the list and the text
    kinds, headers, columns
               which column of a source holds what
    exports    which program wrote a file
    encoding, tabulated, sources
               a CSV file or workbook as rows, or a `SourceError` that names the line
    gathered   several files as one list
    keys       fingerprints under a key, each kind of value and each list apart
    values     rows → what they are looked up by, and what supports them
    draft, build
               rows → one index file in bounded memory; updates; all in one file again
    layout, paths
               what the file is made of; where it and its updates stand
    index, segments
               the file, mapped and looked up in; a list with its updates
    prepared, occurrences, tags, pairs, matches, score, weighed, scan
               text → rows of the list: fields that agree close together, weighed in bits
    silent     texts that are known to hold nothing
    hits       what is found, as ports and detectors see it
    ownership  whose a row is: a recipient's, or ours
    unkeyed, typed, tables, records, checked
               what looks like a list, or a protected number, where no list is asked
    masking    how a match is shown: never in clear

Nothing here knows where keys or files come from; `guard.store.lists` does. Why it is so:
docs/adr/0019-rows-by-keyed-anchors.md.
"""
