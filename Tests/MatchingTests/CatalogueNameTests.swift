import Catalogue
import Testing

@testable import Matching

/// The matcher is a value without state; one for all tests.
let matcher = try! Matcher.bundled()

/// A study of which only modality and description are known.
func study(_ modality: String, _ description: String) -> StudyDescriptor {
    StudyDescriptor(modality: modality, studyDescription: description)
}

@Suite struct CatalogueNameTests {
    @Test(arguments: Language.allCases)
    func `every catalogue name matches its own item`(language: Language) throws {
        for item in try ImagingCatalogue.bundled().items {
            let outcome = matcher.match(study(item.dicomModalities[0], item.name[language]))
            #expect(outcome.codes == [item.code], "\(item.code) \(item.name[language]): \(outcome)")
        }
    }

    @Test func `every definition that is a description matches its own item`() throws {
        for item in try ImagingCatalogue.bundled().items {
            let outcome = matcher.match(study(item.dicomModalities[0], item.definitionZH))
            #expect(
                outcome.codes == [item.code] || outcome.codes.isEmpty, "\(item.code) \(item.definitionZH): \(outcome)")
        }
    }
}
