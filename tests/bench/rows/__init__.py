"""
Customer lists as large as real ones, the forms in which their rows leak, and mail without any.

    people        who stands in a list: as many as wanted, a block at a time
    japanese, english   the forms in which rows are written, and what each is worth
    prose         clean text, no sentence twice
    innocent      business mail about other people
    searching     making an index of them, and searching a text
    recall        the command: found per form, and false alarms
    peers         what others do with the same list and the same texts

Nobody in here is anybody. The forms were written without looking at how the search works, except
for those that say so.
"""
