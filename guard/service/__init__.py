"""
How a guard lives: its process or processes, from start to the signal that ends them.

    life        one process, from start to signal
    link        octets between a supervisor and a worker
    seat        the place of one worker; processes come and go on it
    fork        the process of one worker, from the fork to its end
    supervisor  several workers as one guard: started, watched, replaced
"""
