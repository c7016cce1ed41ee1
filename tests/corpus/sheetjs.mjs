// Writes a workbook with SheetJS: one job as JSON on standard input, the folder of the package as argument.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const XLSX = createRequire(import.meta.url)(process.argv[2]);
const job = JSON.parse(readFileSync(0, "utf8"));
const book = XLSX.utils.book_new();
for (const { name, rows, hidden, comment, hiddenRows } of job.sheets) {
  const sheet = XLSX.utils.aoa_to_sheet(rows);
  if (comment) sheet.A1.c = [{ a: "author", t: comment }];
  if (hiddenRows) sheet["!rows"] = rows.map(() => ({ hidden: true }));
  XLSX.utils.book_append_sheet(book, sheet, name);
  book.Workbook ??= { Sheets: [] };
  book.Workbook.Sheets.push({ name, Hidden: hidden ?? 0 });
}
book.Props = job.properties;
XLSX.writeFile(book, job.path, { bookType: job.type, bookSST: job.shared, compression: true, ...job.options });
