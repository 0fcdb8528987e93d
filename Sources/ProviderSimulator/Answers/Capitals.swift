/// The capitals of the world's countries, by the country's English name in lower case.
///
/// Where a country has several seats of power, the one that its constitution or its own maps name first.
enum Capitals {
    static let ofCountry: [String: String] = {
        let pairs = list.split(separator: "|").map { entry in
            let halves = entry.split(separator: ":")
            return (String(halves[0]), String(halves[1]))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }()

    private static let list = """
        afghanistan:Kabul|albania:Tirana|algeria:Algiers|andorra:Andorra la Vella|angola:Luanda|\
        antigua and barbuda:Saint John's|argentina:Buenos Aires|armenia:Yerevan|australia:Canberra|\
        austria:Vienna|azerbaijan:Baku|bahamas:Nassau|bahrain:Manama|bangladesh:Dhaka|\
        barbados:Bridgetown|belarus:Minsk|belgium:Brussels|belize:Belmopan|benin:Porto-Novo|\
        bhutan:Thimphu|bolivia:Sucre|bosnia and herzegovina:Sarajevo|botswana:Gaborone|brazil:Brasília|\
        brunei:Bandar Seri Begawan|bulgaria:Sofia|burkina faso:Ouagadougou|burundi:Gitega|\
        cambodia:Phnom Penh|cameroon:Yaoundé|canada:Ottawa|cape verde:Praia|\
        central african republic:Bangui|chad:N'Djamena|chile:Santiago|china:Beijing|colombia:Bogotá|\
        comoros:Moroni|congo:Brazzaville|costa rica:San José|croatia:Zagreb|cuba:Havana|cyprus:Nicosia|\
        czech republic:Prague|czechia:Prague|democratic republic of the congo:Kinshasa|\
        denmark:Copenhagen|djibouti:Djibouti|dominica:Roseau|dominican republic:Santo Domingo|\
        east timor:Dili|ecuador:Quito|egypt:Cairo|el salvador:San Salvador|equatorial guinea:Malabo|\
        eritrea:Asmara|estonia:Tallinn|eswatini:Mbabane|ethiopia:Addis Ababa|fiji:Suva|finland:Helsinki|\
        france:Paris|gabon:Libreville|gambia:Banjul|georgia:Tbilisi|germany:Berlin|ghana:Accra|\
        greece:Athens|grenada:Saint George's|guatemala:Guatemala City|guinea:Conakry|\
        guinea-bissau:Bissau|guyana:Georgetown|haiti:Port-au-Prince|honduras:Tegucigalpa|\
        hungary:Budapest|iceland:Reykjavik|india:New Delhi|indonesia:Jakarta|iran:Tehran|iraq:Baghdad|\
        ireland:Dublin|israel:Jerusalem|italy:Rome|ivory coast:Yamoussoukro|jamaica:Kingston|\
        japan:Tokyo|jordan:Amman|kazakhstan:Astana|kenya:Nairobi|kiribati:Tarawa|kosovo:Pristina|\
        kuwait:Kuwait City|kyrgyzstan:Bishkek|laos:Vientiane|latvia:Riga|lebanon:Beirut|lesotho:Maseru|\
        liberia:Monrovia|libya:Tripoli|liechtenstein:Vaduz|lithuania:Vilnius|luxembourg:Luxembourg|\
        madagascar:Antananarivo|malawi:Lilongwe|malaysia:Kuala Lumpur|maldives:Malé|mali:Bamako|\
        malta:Valletta|marshall islands:Majuro|mauritania:Nouakchott|mauritius:Port Louis|\
        mexico:Mexico City|micronesia:Palikir|moldova:Chișinău|monaco:Monaco|mongolia:Ulaanbaatar|\
        montenegro:Podgorica|morocco:Rabat|mozambique:Maputo|myanmar:Naypyidaw|namibia:Windhoek|\
        nauru:Yaren|nepal:Kathmandu|netherlands:Amsterdam|new zealand:Wellington|nicaragua:Managua|\
        niger:Niamey|nigeria:Abuja|north korea:Pyongyang|north macedonia:Skopje|norway:Oslo|oman:Muscat|\
        pakistan:Islamabad|palau:Ngerulmud|panama:Panama City|papua new guinea:Port Moresby|\
        paraguay:Asunción|peru:Lima|philippines:Manila|poland:Warsaw|portugal:Lisbon|qatar:Doha|\
        romania:Bucharest|russia:Moscow|rwanda:Kigali|saint kitts and nevis:Basseterre|\
        saint lucia:Castries|saint vincent and the grenadines:Kingstown|samoa:Apia|\
        san marino:San Marino|são tomé and príncipe:São Tomé|saudi arabia:Riyadh|senegal:Dakar|\
        serbia:Belgrade|seychelles:Victoria|sierra leone:Freetown|singapore:Singapore|\
        slovakia:Bratislava|slovenia:Ljubljana|solomon islands:Honiara|somalia:Mogadishu|\
        south africa:Pretoria|south korea:Seoul|south sudan:Juba|spain:Madrid|\
        sri lanka:Sri Jayawardenepura Kotte|sudan:Khartoum|suriname:Paramaribo|sweden:Stockholm|\
        switzerland:Bern|syria:Damascus|taiwan:Taipei|tajikistan:Dushanbe|tanzania:Dodoma|\
        thailand:Bangkok|togo:Lomé|tonga:Nukuʻalofa|trinidad and tobago:Port of Spain|tunisia:Tunis|\
        turkey:Ankara|türkiye:Ankara|turkmenistan:Ashgabat|tuvalu:Funafuti|uganda:Kampala|ukraine:Kyiv|\
        united arab emirates:Abu Dhabi|united kingdom:London|united states:Washington, D.C.|\
        united states of america:Washington, D.C.|uruguay:Montevideo|uzbekistan:Tashkent|\
        vanuatu:Port Vila|vatican city:Vatican City|venezuela:Caracas|vietnam:Hanoi|yemen:Sana'a|\
        zambia:Lusaka|zimbabwe:Harare
        """
}
