"""
A file's octets to the text in it, with its place, or an honest word about why not.

Pure and without a guard rail against crashes: `read` is meant to run in a child of `guard.sandbox`.

A format is one module and one line in `formats.READERS`. Its reader is a generator: it gives
passages, reasons why something is missing, and members (files within the file), which `read`
opens in turn. What it gave before it failed still counts.

Nothing is imported here: the process that speaks SMTP takes `kinds` and `plaintext` alone.
"""
