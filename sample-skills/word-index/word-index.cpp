// The index of a text, as at the end of a book: each word with the lines on which it stands. {"text": "to be\nor not to be"} →
// {"be": [1, 2], "not": [2], "or": [2], "to": [1, 2]}

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

using json = nlohmann::json;

static std::map<std::string, std::set<int>> index_of(const std::string &text) {
    std::map<std::string, std::set<int>> index;
    std::string word;
    int line = 1;
    for (char character : text + '\n') {
        unsigned char byte = character;
        if (std::isalnum(byte) || byte >= 0x80) {
            word += std::tolower(byte);
            continue;
        }
        if (!word.empty()) index[word].insert(line);
        word.clear();
        line += character == '\n';
    }
    return index;
}

static json answer(const char *document) {
    json input = json::parse(document, nullptr, false); // no exceptions: a fault is a value of its own
    if (input.is_discarded() || !input.is_object() || !input.contains("text") || !input["text"].is_string()) {
        return {{"error", "give a text: {\"text\": \"…\"}"}};
    }
    return index_of(input["text"].get<std::string>());
}

extern "C" {
__attribute__((export_name("alloc"))) void *skill_alloc(size_t length) { return std::malloc(length); }

__attribute__((export_name("dealloc"))) void skill_dealloc(void *pointer, size_t) { std::free(pointer); }

__attribute__((export_name("execute"))) char *skill_execute(const char *input) { return strdup(answer(input).dump().c_str()); }
}
