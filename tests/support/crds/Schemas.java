import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a JSON Schema of the spec of each kind of Strimzi that we use: java -cp 'jars/*' Schemas.java FOLDER */
public class Schemas {
    private static final String[] KINDS = {"kafka.Kafka", "nodepool.KafkaNodePool", "topic.KafkaTopic", "user.KafkaUser"};

    public static void main(String[] arguments) throws Exception {
        var preset = new OptionPreset(
            Option.NONPUBLIC_NONSTATIC_FIELDS_WITH_GETTERS,
            Option.NONPUBLIC_NONSTATIC_FIELDS_WITHOUT_GETTERS,
            Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
            Option.DEFINITIONS_FOR_ALL_OBJECTS,
            Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES);
        var config = new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_7, preset).with(new JacksonModule(
            JacksonOption.FLATTENED_ENUMS_FROM_JSONVALUE,
            JacksonOption.FLATTENED_ENUMS_FROM_JSONPROPERTY,
            JacksonOption.RESPECT_JSONPROPERTY_REQUIRED));
        // Where the classes keep what they do not know.
        config.forFields().withIgnoreCheck(field -> field.getName().equals("additionalProperties"));
        var generator = new SchemaGenerator(config.build());
        for (String kind : KINDS) {
            var schema = generator.generateSchema(Class.forName("io.strimzi.api.kafka.model." + kind + "Spec"));
            Files.writeString(Path.of(arguments[0], kind.substring(kind.indexOf('.') + 1) + ".json"), schema.toString());
        }
    }
}
