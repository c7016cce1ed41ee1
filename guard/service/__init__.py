"""
How a guard lives: its process or processes, from start to the signal that ends them.

    life        one process, from start to signal
    link        octets between a supervisor and a worker
    seat        the place of one worker; processes come and go on it
    supervisor  several workers as one guard: started, watched, replaced
"""
