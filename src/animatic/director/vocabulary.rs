//! The words a prompt may use and what they mean. Terms are singular, in lower case; plurals match by themselves.

use crate::animatic::plan::{Light, Mood, Setting, ShotSize, Subject, Weather};

/// Rows of a value, its weight, and terms for it with bars between.
type Table<T> = &'static [(T, usize, &'static str)];

/// Where a shot is. Places that name themselves weigh 4, strong hints 2, weak ones 1.
pub const SETTINGS: Table<Setting> = &[
    (
        Setting::Underwater,
        9,
        "underwater|under water|coral|coral reef|reef|deep sea|beneath the sea|\
         below the surface|seabed|ocean floor|kelp|beneath the waves|under the sea",
    ),
    (Setting::Underwater, 3, "jellyfish|scuba|diver|shoal|submarine|sea turtle|octopus|shark|manta|aquarium"),
    (
        Setting::Space,
        9,
        "outer space|galaxy|nebula|in space|deep space|space station|cosmos|solar system|\
         interstellar",
    ),
    (
        Setting::Space,
        4,
        "planet|asteroid|orbiting earth|earth from above|spacecraft|spaceship|moon surface|\
         lunar|mars|milky way|black hole|supernova|comet|saturn|jupiter",
    ),
    (Setting::Space, 2, "space|astronaut|cosmic|satellite|spacewalk|zero gravity|alien world"),
    (
        Setting::Sea,
        4,
        "sea|ocean|beach|shore|seashore|coast|coastline|harbor|harbour|bay|pier|lagoon|surf|\
         seaside|cove|fjord|lake|lakeside|dock|marina",
    ),
    (
        Setting::Sea,
        2,
        "wave|island|lighthouse|cliff|tide|sailboat|sailing|boat|ship|yacht|whale|dolphin|\
         seagull|surfer|swimmer|palm tree|horizon of water|river|pond",
    ),
    (
        Setting::Street,
        6,
        "alley|alleyway|back alley|neon street|side street|cobblestone street|\
         cobbled street|sidewalk|boulevard|crosswalk|street market|night market",
    ),
    (
        Setting::Street,
        4,
        "street|neon|neon sign|cyberpunk|chinatown|downtown street|shibuya|avenue|souk|\
         bazaar|noir city",
    ),
    (Setting::City, 5, "skyline|cityscape|city skyline|metropolis|skyscraper|rooftop|waterfront"),
    (
        Setting::City,
        3,
        "city|downtown|urban|tokyo|new york|manhattan|london|paris|hong kong|chicago|\
         shanghai|dubai|town|high rise|seoul|bridge",
    ),
    (
        Setting::Interior,
        5,
        "kitchen|bedroom|living room|cafe|café|coffee shop|office|indoors|interior|library|\
         restaurant|classroom|hallway|studio apartment|apartment|bathroom|workshop|diner|\
         attic|museum",
    ),
    (
        Setting::Interior,
        3,
        "room|table|sofa|couch|desk|windowsill|fireplace|bookshelf|carpet|by the window|\
         vase|piano|bed|inside a house|ceramic|still life|candle|teapot|coffee cup|\
         cup of coffee|mug",
    ),
    (Setting::Desert, 5, "desert|dune|sand dune|sahara|oasis|mojave|badlands|arid|wasteland|gobi"),
    (Setting::Desert, 2, "cactus|camel|nomad|canyon|mesa|bedouin"),
    (
        Setting::Forest,
        5,
        "forest|wood|woods|woodland|jungle|rainforest|redwood|grove|among the trees|\
         pine forest|bamboo",
    ),
    (Setting::Forest, 2, "pine|tree|trail|moss|fern|deer|mushroom|birch|campfire|cabin in the woods|fairy"),
    (
        Setting::Snow,
        5,
        "snow|snowy|snowfield|arctic|antarctica|antarctic|tundra|glacier|iceberg|\
         frozen lake|ice|icy|northern lights|aurora|aurora borealis|snowstorm|blizzard|\
         snowfall|snow covered|siberia|lapland",
    ),
    (Setting::Snow, 2, "winter|ski|skier|frozen|igloo|polar|sled|reindeer|penguin|snowman"),
    (Setting::Road, 5, "road|highway|freeway|route 66|motorway|country road|dirt road|roadside"),
    (
        Setting::Road,
        2,
        "driving|road trip|drive|race track|racetrack|motorcycle|hitchhiker|gas station|\
         asphalt",
    ),
    (
        Setting::Sky,
        5,
        "above the clouds|sea of clouds|in the sky|through the clouds|over the clouds|\
         cloudscape|in the clouds|mid air",
    ),
    (
        Setting::Sky,
        2,
        "sky|cloud|airplane|aeroplane|plane|flying|soaring|skydiver|paraglider|airship|\
         floating island",
    ),
    (
        Setting::Field,
        5,
        "field|meadow|wheat|wheat field|prairie|grassland|flower field|farmland|savanna|\
         savannah|pasture|barley|lavender|sunflower|poppy|rice paddy|cornfield",
    ),
    (
        Setting::Field,
        2,
        "farm|barn|grass|garden|park|flower|tall grass|countryside|scarecrow|cow|sheep|\
         picnic|orchard|vineyard|backyard|lawn",
    ),
    (
        Setting::Hills,
        5,
        "mountain|hill|valley|alps|himalaya|peak|ridge|highland|volcano|summit|\
         rolling hills|mountain range|mountaintop",
    ),
    (
        Setting::Hills,
        2,
        "landscape|vista|hiker|hiking|viaduct|railway|waterfall|village|castle|balloon|\
         hot air balloon|scotland|tuscany|patagonia",
    ),
    (
        Setting::Abstract,
        6,
        "abstract|ink|ink in water|fluid art|paint swirl|swirling colors|swirling colours|\
         fractal|kaleidoscope|geometric pattern|particles|smoke swirls|liquid metal|marbling",
    ),
];

/// Times of day; a higher rank wins over an earlier word.
pub const LIGHTS: Table<Light> = &[
    (Light::GoldenHour, 3, "golden hour|golden light|magic hour|late afternoon|low sun|warm sunlight|golden"),
    (Light::BlueHour, 3, "blue hour|nautical twilight|after dusk"),
    (Light::Dawn, 2, "dawn|sunrise|daybreak|early morning|first light|morning mist|morning fog"),
    (Light::Dusk, 2, "dusk|sunset|twilight|sundown|evening|nightfall|sun sets|setting sun"),
    (
        Light::Night,
        2,
        "night|midnight|moonlight|moonlit|moon|starry|stars|nighttime|starlight|nocturnal|\
         northern lights|aurora|aurora borealis|at night|neon|cyberpunk|milky way|full moon|\
         fireflies|candlelight|candlelit",
    ),
    (Light::Overcast, 2, "overcast|grey sky|gray sky|gloomy|grey day|gray day|cloudy day|drizzly"),
    (
        Light::Day,
        1,
        "day|noon|midday|daylight|sunny|bright sun|afternoon|daytime|blue sky|sunlit|\
         sunshine|morning|sunlight|high noon",
    ),
];

/// What the air does.
pub const WEATHERS: Table<Weather> = &[
    (Weather::Storm, 3, "storm|stormy|thunder|thunderstorm|lightning|hurricane|tempest|typhoon|gale"),
    (
        Weather::Snow,
        4,
        "snowing|snowfall|falling snow|snow falling|snow falls|snow fall|blizzard|snowflake|\
         snowstorm|flurry|heavy snow",
    ),
    (
        Weather::Rain,
        3,
        "rain|raining|rainy|rainfall|drizzle|downpour|wet street|rain soaked|raindrop|\
         monsoon|puddle|drizzly|rainstorm",
    ),
    (Weather::Fog, 2, "fog|foggy|mist|misty|haze|hazy|smoky|low cloud"),
    (Weather::Cloudy, 1, "cloudy|cloud|overcast|partly cloudy|grey sky|gray sky"),
    (Weather::Clear, 1, "clear sky|clear skies|cloudless|sunny|clear night|blue sky"),
];

/// How the colours go.
pub const MOODS: Table<Mood> = &[
    (Mood::Noir, 4, "noir|film noir|black and white|monochrome|b w|black white|neo noir"),
    (
        Mood::Vivid,
        2,
        "vivid|vibrant|colorful|colourful|neon|cyberpunk|saturated|pop|bright colors|\
         bright colours|psychedelic|anime|cartoon|technicolor|hyperreal",
    ),
    (
        Mood::Dreamy,
        2,
        "dreamy|dreamlike|dream|ethereal|surreal|pastel|soft focus|magical|whimsical|\
         fairy tale|hazy memory|nostalgic memory|serene|fantasy",
    ),
    (
        Mood::Dark,
        2,
        "dark|ominous|moody|horror|scary|sinister|gritty|brooding|eerie|dystopian|haunted|\
         grim|spooky|post apocalyptic|menacing",
    ),
    (
        Mood::Cold,
        2,
        "cold|icy|bleak|melancholy|melancholic|lonely|desaturated|steel blue|cool tones|\
         wintry|sad|frigid|clinical",
    ),
    (
        Mood::Warm,
        2,
        "warm|cozy|cosy|nostalgic|amber|intimate|warm tones|autumn|autumnal|vintage|\
         romantic|hopeful|joyful|kodak|super 8",
    ),
];

/// Who is seen. What a picture is of ranks 3, who may also be background 2, what is mostly scenery 1.
pub const SUBJECTS: Table<Subject> = &[
    (Subject::Astronaut, 3, "astronaut|cosmonaut|spaceman|space suit|spacesuit"),
    (Subject::Robot, 3, "robot|android|cyborg|mech|droid|automaton"),
    (Subject::Rider, 3, "cowboy|rider|horseman|knight|cowgirl|jockey|horseback|horseback rider|cavalry"),
    (Subject::Bicycle, 3, "bicycle|bike|cyclist|biker|cycling|bicyclist"),
    (
        Subject::Couple,
        3,
        "couple|lovers|two people|two friends|newlyweds|two women|two men|two children|\
         two girls|two boys|bride and groom|mother and daughter|mother and child|\
         father and son|friends|twins",
    ),
    (
        Subject::Person,
        3,
        "man|woman|person|girl|boy|child|children|kid|lady|guy|figure|people|men|women|\
         stranger|traveler|traveller|samurai|dancer|detective|soldier|monk|wizard|hero|\
         heroine|grandmother|grandfather|mother|father|fisherman|chef|artist|musician|\
         scientist|farmer|silhouette|warrior|student|diver|swimmer|surfer|photographer|\
         painter|nurse|doctor|bride|king|queen|princess|wanderer|elderly|teenager|baby|\
         barista|guitarist|someone|crowd|snorkeler",
    ),
    (Subject::Walker, 3, "walker|hiker|backpacker|pedestrian|runner|jogger|pilgrim|nomad|skier|explorer"),
    (
        Subject::Dog,
        3,
        "dog|puppy|wolf|fox|retriever|husky|corgi|coyote|labrador|poodle|hound|terrier|\
         collie|shepherd dog",
    ),
    (Subject::Cat, 3, "cat|kitten|kitty|tabby|feline"),
    (Subject::Horse, 3, "horse|stallion|pony|mare|unicorn|zebra|foal|mustang horse|donkey"),
    (Subject::Deer, 3, "deer|stag|elk|moose|reindeer|antelope|fawn|caribou"),
    (Subject::Whale, 3, "whale|orca|humpback|dolphin"),
    (Subject::Fish, 3, "fish|shoal|school of fish|koi|goldfish|salmon|clownfish"),
    (Subject::Train, 3, "train|locomotive|steam engine|tram|railway|subway train|trolley"),
    (
        Subject::Car,
        3,
        "car|truck|taxi|convertible|van|vehicle|sports car|muscle car|pickup|sedan|jeep|\
         automobile|suv|porsche|mustang|ferrari|bus|roadster|race car|cab",
    ),
    (Subject::Ship, 3, "ship|ferry|cruise ship|liner|freighter|cargo ship|battleship|steamer|tanker"),
    (
        Subject::Boat,
        3,
        "boat|sailboat|yacht|canoe|kayak|rowboat|gondola|sailing boat|dinghy|schooner|\
         sailing ship|pirate ship|fishing boat",
    ),
    (Subject::Lighthouse, 3, "lighthouse"),
    (Subject::Balloon, 3, "hot air balloon|balloon|airship"),
    (Subject::Rocket, 3, "rocket|spaceship|spacecraft|space shuttle|starship|shuttle"),
    (Subject::Plane, 3, "airplane|aeroplane|plane|jet|biplane|aircraft|airliner|glider"),
    (Subject::Birds, 3, "birds|flock|seagulls|gulls|geese|crows|murmuration|swallows|pigeons|starlings"),
    (
        Subject::Bird,
        3,
        "bird|seagull|eagle|hawk|owl|crow|raven|falcon|dove|swan|heron|albatross|dragon|\
         parrot",
    ),
    (Subject::Campfire, 2, "campfire|bonfire|camp fire"),
    (
        Subject::StillLife,
        2,
        "vase|still life|teapot|coffee cup|cup of coffee|bouquet|perfume bottle|bottle|mug|\
         bowl of fruit|product shot|pottery|ceramic",
    ),
    (Subject::House, 1, "house|cabin|cottage|hut|barn|farmhouse|chalet|shack"),
    (Subject::Tree, 1, "lone tree|single tree|oak|oak tree|cherry tree|tree|cherry blossom|willow|baobab"),
];

/// How large the subject stands.
pub const SIZES: Table<ShotSize> = &[
    (
        ShotSize::Close,
        3,
        "close up|closeup|extreme close up|macro|portrait of|portrait shot|detail shot|\
         tight shot|tight on|close shot|face of|headshot",
    ),
    (ShotSize::Medium, 2, "medium shot|medium close|mid shot|waist up|cowboy shot|medium wide|two shot"),
    (
        ShotSize::Wide,
        1,
        "wide|wide shot|wide angle|establishing|establishing shot|extreme wide|long shot|\
         aerial|drone|panorama|panoramic|vast|epic|tiny|distant|in the distance|far away|\
         bird's eye|small figure|expansive|landscape",
    ),
];

/// Words that say nobody is there, whoever else is named.
pub const NOBODY: &str = "no people|nobody|no one|without people|uninhabited";

/// Words that say nobody is there unless somebody is named: a car on an empty road.
pub const EMPTY: &str = "deserted street|empty room|empty street|empty road|empty beach";

/// Words for a place out of doors that name no particular one.
pub const OUTDOORS: &str = "outdoor|outside|nature|wind|windy|sun|horizon|wild|wilderness|world|earth|scenery|\
    landscape|sunrise|sunset|weather|country|cliff|spring|summer|autumn|travel|journey|\
    adventure";

/// Riding an animal.
pub const RIDING: &str = "ride|riding|rode|gallop|galloping|on horseback|horseback|on a horse";

/// On a bicycle.
pub const CYCLING: &str = "bicycle|bike|cycling|cyclist|biking|pedaling|pedalling";

/// Going on foot.
pub const WALKING: &str = "walk|walking|walked|stroll|strolling|run|running|hike|hiking|wander|wandering|march|jog|\
    jogging|stride|striding|trudge|trudging|approaches|crossing|cross|skiing|trek|trekking|\
    sprint|sprinting";

/// More than one person.
pub const SEVERAL: &str = "couple|two people|lovers|friends|two women|two men|two children|holding hands|\
    hand in hand|together|family|people|children|crowd|women|men";
