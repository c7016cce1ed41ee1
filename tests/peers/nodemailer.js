// Sends one mail with nodemailer as standard input says, and prints what the server told it.
"use strict";
const fs = require("fs");
const nodemailer = require("nodemailer");

const { options, ca, mail, files } = JSON.parse(fs.readFileSync(0, "utf8"));
if (ca) options.tls = { ca: fs.readFileSync(ca), servername: "localhost" };
for (const [field, path] of Object.entries(files)) mail[field] = fs.readFileSync(path);
const transport = nodemailer.createTransport(options);
transport
  .sendMail(mail)
  .then((sent) => ({ response: sent.response }))
  .catch((error) => {
    process.exitCode = 1;
    return { response: error.response || "", error: String(error) };
  })
  .then((told) => {
    console.log(JSON.stringify(told));
    transport.close();
  });
