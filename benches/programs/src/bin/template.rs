//! minijinja: `{"rows": n}` in; a page with that many rows is rendered, with loops, filters, macros and conditions.

use minijinja::{Environment, context};

const PAGE: &str = r#"{% macro cell(value, kind) %}<td class="{{ kind }}">{{ value|e }}</td>{% endmacro -%}
<h1>{{ title|title }}</h1><table>
{% for row in rows -%}
<tr{% if loop.index is divisibleby 2 %} class="even"{% endif %}>{{ cell(row.name|upper, "name") }}{{ cell(row.price|round(1), "price") }}
{%- for tag in row.tags|sort|unique %}{{ cell(tag ~ "-" ~ loop.index0, "tag") }}{% else %}<td></td>{% endfor -%}
{%- if row.price > 500 and row.name is not startingwith("item 7") %}<td>{{ row.name|replace("item", "dear item") }}</td>{% endif %}</tr>
{% endfor %}</table>{{ rows|map(attribute="price")|sum }}"#;

fn main() {
    let input: serde_json::Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let count = input["rows"].as_u64().expect("rows");
    let rows: Vec<_> = (0..count)
        .map(|row| {
            let tags: Vec<String> = (0..row % 5).map(|tag| format!("<{}>", (row * 7 + tag * 3) % 11)).collect();
            context! { name => format!("item {}", row * 7919 % 1000), price => (row * 104_729 % 1000) as f64 + 0.25, tags }
        })
        .collect();
    let mut environment = Environment::new();
    environment.add_template("page", PAGE).expect("a template");
    let page = environment.get_template("page").expect("it was added");
    let html = page.render(context! { title => "a price list", rows }).expect("it can be rendered");
    let sum: u64 = html.bytes().map(u64::from).sum();
    println!("{}", serde_json::json!({ "bytes": html.len(), "sum": sum }));
}
