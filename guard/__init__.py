"""
Guard: an outbound mail misdelivery guard between mail clients and the real mail server.

    receive ─▶ parse ─▶ inspect ─▶ decide ─▶ act ─▶ relay | hold | refuse
    bytes      Message   Findings   Verdict                    │
                        notice ◀── hold ◀──────────────────────┘
                        confirm (page) ─▶ release ─▶ upstream ─▶ result

`pipeline` tells the first half of the story on one screen, `release` the other half. `examine` is
the pure middle, also for mail that nobody sent; `holding` makes a hold out of a verdict, and
`splitting` two where only some recipients are in doubt.

    model/       the nouns: address envelope message extract contact finding verdict hold job reply
                 errors
    parse/       octets → Message
    extract/     attachment octets → text with its place
    names/       how alike two people are
    contacts/    who writes to whom
    lists/       the customer list as keyed fingerprints
    detect/      Inspection → Findings: one module a detector
    fit/         what facts about look-alikes weigh, from mail that was sent
    policy/      Findings → Verdict: the YAML, its check, its explanation
    config/      every setting of guard.toml
    compose/     mail that we write: notice, result, trace line
    ports/       what the flow needs from outside
    submission/  SMTP in
    upstream/    SMTP out
    sources/     what contacts come from: files, LDAP, IMAP
    sandbox/     killable child processes for attachments
    store/       holds, outbox, audit, contacts in SQL; the key ring
    web/         the sender's page, health and metrics
    worker.py    takes jobs from the outbox and has them done
    memory.py    how much of messages may be in memory at once
    app/         the one place where the parts are joined, and the policy that they go by
    service/     its processes, from start to the signal that ends them
    host/        what it has from the machine: sockets, systemd, metrics
    demo/        the whole loop on one machine, with sample mails
    policy_tests/
                 tests of a policy: invented mails, judged as live ones
    cli/         one module a command group
    problems.py, telemetry.py, durable.py, steps.py
                 what is wrong in a file; logs; files that appear whole or not at all; where tests
                 have us die

Imports point one way, down this list of layers; `pyproject.toml` has the contract:

    cli ▶ policy_tests ▶ demo | service ▶ app ▶ submission | web | worker
        ▶ store | upstream | sandbox | sources ▶ pipeline
        ▶ splitting | release ▶ holding ▶ examine ▶ memory | host ▶ ports | config
        ▶ policy | compose ▶ fit ▶ detect ▶ contacts | lists | extract ▶ names | parse ▶ model
        ▶ problems | telemetry | durable | steps
"""

__version__ = "0.1.0"
