// A WASI command round the C++ standard library: counts the words of its stdin with streams and a map.

#include <iostream>
#include <map>
#include <string>

int main() {
    std::map<std::string, int> counts;
    for (std::string word; std::cin >> word;) counts[word]++;
    const char *comma = "";
    std::cout << '{';
    for (const auto &[word, count] : counts) {
        std::cout << comma << '"' << word << "\": " << count;
        comma = ", ";
    }
    std::cout << '}' << std::endl;
}
