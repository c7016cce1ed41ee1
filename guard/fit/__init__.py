"""
Find the weights of the look-alike channel: from mail that was sent, and slips planted in it.

    slips     what a hurried hand or a list that completes would have written instead
    replay    goes through mail in order, and lays out the facts of each message and of its slips
    pairs     facts of very many pairs, kept small
    descent   logistic regression with signs
    fitting   from pairs to weights and their table of thresholds
"""
