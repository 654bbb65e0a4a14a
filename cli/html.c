#include "html.h"

#include <string.h>

static const char STYLE[] =
    "  :root { color-scheme: light; }\n"
    "  body { margin: 0 auto; max-width: 1040px; padding: 3rem 2.5rem 4rem; background: #fff;\n"
    "    color: #1b1f24; font: 16px/1.55 Charter, 'Bitstream Charter', Cambria, Georgia,\n"
    "    'Liberation Serif', serif; }\n"
    "  h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; font-weight: 600; }\n"
    "  h2 { font-size: 1.15rem; margin: 2.6rem 0 .6rem; font-weight: 600; }\n"
    "  p { margin: .5rem 0; max-width: 46rem; }\n"
    "  .sub { color: #5a636e; font-size: .92rem; margin-bottom: 1.6rem; }\n"
    "  .findings { padding-left: 1.1rem; max-width: 46rem; } .findings li { margin: .25rem 0; }\n"
    "  figure { margin: 1.8rem 0 0; break-inside: avoid; }\n"
    "  figure svg { display: block; width: 100%; height: auto; }\n"
    "  figure svg text, figure svg tspan { font-family: system-ui, 'Helvetica Neue', Helvetica,\n"
    "    Arial, 'Liberation Sans', sans-serif; }\n"
    "  figcaption { font-size: .875rem; line-height: 1.45; color: #3b434c; margin-top: .5rem;\n"
    "    max-width: 52rem; }\n"
    "  .figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr));\n"
    "    column-gap: 2.2rem; } .wide { grid-column: 1 / -1; }\n"
    "  .head { display: grid; grid-template-columns: minmax(0, 1fr) 270px; column-gap: 3rem;\n"
    "    margin-bottom: 1.6rem; } figure.top { margin: 0; } figure.alone { max-width: 30rem; }\n"
    "  .scroll { overflow-x: auto; } .figures + .scroll { margin-top: 1.6rem; }\n"
    "  table { border-collapse: collapse; font: .82rem/1.4 system-ui, 'Helvetica Neue',\n"
    "    Helvetica, Arial, 'Liberation Sans', sans-serif; font-variant-numeric: tabular-nums;\n"
    "    border-top: 1.5px solid #1b1f24; border-bottom: 1.5px solid #1b1f24; }\n"
    "  th { font-weight: 600; text-align: left; vertical-align: bottom;\n"
    "    border-bottom: .75px solid #1b1f24; }\n"
    "  th, td { padding: .32rem .8rem .32rem 0; white-space: nowrap; }\n"
    "  td.prose { white-space: normal; min-width: 9rem; max-width: 17rem; }\n"
    "  th:last-child, td:last-child { padding-right: 0; } .n { text-align: right; }\n"
    "  .key { font-size: .82rem; color: #5a636e; max-width: none; }\n"
    "  pre { font: .78rem/1.5 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace;\n"
    "    background: #f6f7f8; border: 1px solid #e4e7eb; border-radius: 4px; padding: .9rem "
    "1.1rem;\n"
    "    white-space: pre-wrap; overflow-wrap: anywhere; }\n"
    "  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.4rem;\n"
    "    font-size: .875rem; } dt { color: #5a636e; } dd { margin: 0; overflow-wrap: anywhere; }\n"
    "  .note { border-left: 3px solid #d55e00; padding-left: .9rem; }\n"
    "  @media screen and (max-width: 760px) { body { padding: 1.5rem 1rem; }\n"
    "    .figures, .head { grid-template-columns: minmax(0, 1fr); } }\n"
    "  @page { margin: 16mm; }\n"
    "  @media print { body { max-width: none; padding: 0; font-size: 10.5pt; }\n"
    "    pre { background: none; } .scroll { overflow: visible; }\n"
    "    table { font-size: 7.2pt; } th, td { padding-right: .5rem; }\n"
    "    h2 { break-after: avoid; } }\n";

void cf_html_text(FILE *page, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<')
            fputs("&lt;", page);
        else if (c == '>')
            fputs("&gt;", page);
        else if (c == '&')
            fputs("&amp;", page);
        else if (c == '"')
            fputs("&quot;", page);
        else if (c == '\'')
            fputs("&#39;", page);
        else
            fputc((c < ' ' && c != '\n' && c != '\t') || c == 127 ? ' ' : c, page);
    }
}

void cf_html_open(FILE *page, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          page);
    cf_html_text(page, title);
    fprintf(page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", STYLE);
}

void cf_html_close(FILE *page)
{
    fputs("</body>\n</html>\n", page);
}

static void write_cell(FILE *page, const char *text, bool number)
{
    bool prose = !number && strlen(text) > 24;
    fprintf(page, "<td%s>", number ? " class=\"n\"" : prose ? " class=\"prose\"" : "");
    cf_html_text(page, text);
    fputs("</td>", page);
}

static void write_key(FILE *page, const cf_table *table)
{
    const char *gap = "";
    fputs("<p class=\"key\">", page);
    for (size_t c = 0; c < table->columns; c++)
        if (table->headings[c].doc[0] != '\0') {
            fprintf(page, "%s<i>%s</i>: ", gap, table->headings[c].title);
            cf_html_text(page, table->headings[c].doc);
            gap = "; ";
        }
    fputs(".</p>\n", page);
}

void cf_html_table(FILE *page, const cf_table *table)
{
    fputs("<div class=\"scroll\"><table>\n<thead><tr>", page);
    for (size_t c = 0; c < table->columns; c++)
        fprintf(page, "<th%s>%s</th>", table->headings[c].number ? " class=\"n\"" : "",
                table->headings[c].title);
    fputs("</tr></thead>\n<tbody>\n", page);
    for (size_t r = 0; r < table->rows; r++) {
        fputs("<tr>", page);
        for (size_t c = 0; c < table->columns; c++)
            write_cell(page, table->cells[r * table->columns + c], table->headings[c].number);
        fputs("</tr>\n", page);
    }
    fputs("</tbody>\n</table></div>\n", page);
    write_key(page, table);
}

static bool starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

void cf_html_svg(FILE *page, const char *svg, const char *name)
{
    static const char *const identifiers[] = {" id=\"", " id='", "href='#", "href=\"#", "url(#"};
    const char *at = strstr(svg, "<svg");
    for (at = at == NULL ? svg : at; *at != '\0'; at++) {
        fputc(*at, page);
        for (size_t k = 0; k < sizeof identifiers / sizeof *identifiers; k++) {
            size_t length = strlen(identifiers[k]);
            if (*at == identifiers[k][0] && starts_with(at, identifiers[k])) {
                fprintf(page, "%s%s-", identifiers[k] + 1, name);
                at += length - 1;
                break;
            }
        }
    }
}
