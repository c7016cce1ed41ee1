"""
``guard demo``: the whole loop at work on one machine; nothing to set up, nothing sent anywhere.

    people, customers, files   an invented company, whom it writes to, what it must not lose
    letter, script, play       its mails: written, chosen, sent, and held against what is expected
    catcher                    the mail server behind the guard, which only keeps what it gets
    journal                    what the guard decided
    view, page, words          the page that shows all this, and a form to try it
    ports, stage               everything joined
"""
