"""
Findings → Verdict: the YAML that administrators write, its check, its answer and its reasons.

    document   YAML → a tree whose values know their places
    syntax     what keeps a text from being YAML, in plain words
    charset    what a file is written in that is not UTF-8
    globs      patterns for addresses and file names
    words      values as people write them: "15 minutes", "5 rows", "*@partner.example"
    shapes     what these look like, in JSON Schema
    suggest    what somebody most likely meant who wrote them otherwise
    written    the way back: values as words
    us         who we are
    case       one mail, with its findings laid out for questions
    about      what a rule may ask, and how it is answered
    when       all that one rule asks
    schema     the language: every setting, and the `Policy` it becomes
    wording    what is wrong, in the words of the language
    json_schema
               the language for editors
    describe   the language as a page
    check      what is wrong between settings, and what is likely a slip
    sense      what a right policy says, and most likely does not mean
    known      what it asks for, held against what there is
    wider      whether one rule asks for no more than another
    files      the YAML files of a folder as trees
    load       folder or file → `Policy`, or all problems at once
    effective  a policy with every default filled, and where each value comes from
    quoting    values as YAML has them on one line
    renamed    words of old versions, and the new ones
    granted    exceptions of the database, laid over a policy
    identity   whose a login is, and as whom it may send
    rows       how many rows of a list count for a recipient
    hearing    one rule asked about one recipient: each condition with what was found
    sentences  what the sender is told
    decide     all rules, all recipients → `Verdict`
    explain    the same, for those who ask why
    why_not    of the rules that said nothing, what was missing
    reasons    that, as text
"""

from guard.policy.load import load, shipped
from guard.policy.schema import Policy

__all__ = ["Policy", "load", "shipped"]
